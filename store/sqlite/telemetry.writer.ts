import { openForWriting, type TelemetryFile } from './telemetry.file.ts';
import { telemetryWriterCalls } from './telemetry.writer-calls.ts';
import { serve } from './thread.ts';

serve((file: TelemetryFile) => telemetryWriterCalls(openForWriting(file), file.path));
