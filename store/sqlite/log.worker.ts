import { openDatabaseFile } from './file.ts';
import { type LogFile, logCalls, logDatabase } from './log.calls.ts';
import { serve } from './thread.ts';

serve((file: LogFile) => logCalls(openDatabaseFile(logDatabase(file.path)), file));
