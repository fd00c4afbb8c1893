import { benchSandbox } from './sandbox.ts';

process.stdout.write(
  `Node ${process.version}, ${process.arch}. Trust the ratios: both sides run in this one run.\n`,
);
await benchSandbox();
