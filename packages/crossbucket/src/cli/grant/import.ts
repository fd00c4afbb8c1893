import { writeFile } from 'node:fs/promises';
import { connect } from '../../accounts/index.ts';
import { importGrants, proposalText } from '../../grant/index.ts';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

export interface ImportCommandOptions {
  profile?: string;
  sourceProfile?: string[];
  role?: string[];
  out?: string;
  json?: boolean;
}

export async function importCommand(
  bucket: string,
  options: ImportCommandOptions,
  { out, err }: Terminal,
): Promise<ExitCode> {
  const { profile, sourceProfile = [], role = [], json } = options;
  const name = /^(?:s3:\/\/)?([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/?$/.exec(bucket)?.[1];
  if (name === undefined) throw new UsageError(`\`${bucket}\` is not a bucket`, 'name it as s3://BUCKET');
  const destination = await connect({ profile });
  const sources = await Promise.all(
    sourceProfile.map(async (one) => ({ name: nameFor(one), connection: await connect({ profile: one }) })),
  );
  const proposal = await importGrants({
    destination,
    name: nameFor(profile ?? 'destination'),
    sources,
    bucket: name,
    roles: role,
  });
  const text = json === true ? `${JSON.stringify(proposal)}\n` : proposalText(proposal);
  if (options.out === undefined) out.write(text);
  else {
    await writeFile(options.out, text, { flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
      throw new UsageError(
        `cannot write \`${options.out}\` (${cause.code})`,
        'name a file that is not there yet',
        { cause },
      );
    });
    err.write(
      `Written to ${options.out}. \`crossbucket grant plan --config ${options.out}\` shows what would change.\n`,
    );
  }
  if ((proposal.spec.grants ?? []).length === 0) err.write('Nothing there gives another account access.\n');
  return EXIT.done;
}

/** Profiles make good names, unless they are not names at all, as bare account ids are. */
const nameFor = (profile: string): string =>
  /^[A-Za-z][\w-]{0,63}$/.test(profile) ? profile : `account-${profile.replaceAll(/[^\w-]/g, '-')}`;
