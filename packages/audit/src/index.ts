export { LogReader, type FileReading } from './reading/log-reader.ts';
export { RecordScanner } from './reading/record-scanner.ts';
