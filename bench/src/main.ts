import { benchExplain } from './explain.ts';
import { benchGrant } from './grant.ts';
import { benchAudit } from './audit.ts';
import { benchPolicy } from './policy.ts';
import { benchS3 } from './s3.ts';
import { benchSandbox } from './sandbox.ts';
import { benchTrail } from './trail.ts';
import { benchTransfer } from './transfer.ts';

/** `npm run bench`, or `npm run bench -- policy` for a part of it. */
const PARTS: Readonly<Record<string, () => Promise<void>>> = {
  policy: benchPolicy,
  sandbox: benchSandbox,
  audit: benchAudit,
  transfer: benchTransfer,
  s3: benchS3,
  trail: benchTrail,
  grant: benchGrant,
  explain: benchExplain,
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !Object.hasOwn(PARTS, name));
if (unknown !== undefined) {
  process.stderr.write(
    `error: there is no part \`${unknown}\`\nhelp: the parts are ${Object.keys(PARTS).join(', ')}\n`,
  );
  process.exit(2);
}
process.stdout.write(
  `Node ${process.version}, ${process.arch}. Trust the ratios: both sides run in this one run.\n`,
);
for (const [name, bench] of Object.entries(PARTS))
  if (wanted.length === 0 || wanted.includes(name)) await bench();
