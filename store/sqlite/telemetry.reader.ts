import { openForReading, type TelemetryFile } from './telemetry.file.ts';
import { telemetryReaderCalls } from './telemetry.reader-calls.ts';
import { serve } from './thread.ts';

serve((file: TelemetryFile) => telemetryReaderCalls(openForReading(file), file.path));
