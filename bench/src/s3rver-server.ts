import { createRequire } from 'node:module';

/** Another S3 on localhost, for comparison; it takes what it is sent for signed. */
interface Running {
  run(): Promise<{ port: number }>;
}
const S3rver = createRequire(import.meta.url)('s3rver') as new (options: object) => Running;

const { port } = await new S3rver({
  address: '127.0.0.1',
  port: 0,
  silent: true,
  directory: process.argv[2],
  configureBuckets: [{ name: 'bench' }],
  allowMismatchedSignatures: true,
}).run();
process.stdout.write(
  `${JSON.stringify({ endpoint: `http://127.0.0.1:${port}`, accounts: [{ accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }] })}\n`,
);
