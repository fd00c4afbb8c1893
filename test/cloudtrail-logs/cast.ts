/** Who takes part in the generated logs. */

export const APP = '111111111111';
export const DATA = '222222222222';
export const PARTNER = '333333333333';
export const ACCOUNTS = [APP, DATA, PARTNER] as const;

/** A user or role, with the unique id by which AWS tells it from a later one of the same name. */
export interface Principal {
  kind: 'user' | 'role';
  account: string;
  name: string;
  arn: string;
  id: string;
}

const principal = (kind: 'user' | 'role', account: string, name: string): Principal => ({
  kind,
  account,
  name,
  arn: `arn:aws:iam::${account}:${kind}/${name}`,
  id: `${kind === 'user' ? 'AIDA' : 'AROA'}${(name + account).toUpperCase().replaceAll(/[^A-Z]/g, '')}0000000000000000`.slice(
    0,
    20,
  ),
});

export const USERS = {
  app: principal('user', APP, 'app-user'),
  partner: principal('user', PARTNER, 'partner-user'),
  stranger: principal('user', PARTNER, 'stranger'),
  owner: principal('user', DATA, 'owner-user'),
} as const;

export const ROLES = {
  service: principal('role', APP, 'report-service'),
  deploy: principal('role', APP, 'deploy'),
  pipeline: principal('role', PARTNER, 'pipeline'),
  reader: principal('role', DATA, 'reports-reader'),
  ingest: principal('role', DATA, 'ingest'),
  etl: principal('role', DATA, 'etl'),
} as const;

export interface Bucket {
  name: string;
  region: string;
  owner: string;
  prefixes: readonly string[];
}

export const BUCKETS: readonly Bucket[] = [
  { name: 'acme-reports', region: 'eu-west-1', owner: DATA, prefixes: ['reports/', 'exports/2026/'] },
  { name: 'acme-raw', region: 'us-east-1', owner: DATA, prefixes: ['incoming/', 'archive/', ''] },
  { name: 'acme-site', region: 'us-east-1', owner: DATA, prefixes: ['assets/'] },
];

/** Texts that a spreadsheet, a terminal or a query would obey. None may. */
export const HOSTILE_KEYS: readonly string[] = [
  '=HYPERLINK("http://198.51.100.1","x")',
  "@SUM(1+1)'; DROP TABLE events; --",
  '\u001B]0;title\u0007\u001B[31mred.csv',
  '-2+3,"quoted"\r\nnext line.csv',
  'ünïcödé 🪣 name.csv',
];

export const AGENTS: readonly string[] = [
  '[aws-sdk-js/3.1175.0 ua/2.1 os/linux#6.1.0 lang/js md/nodejs#20.19.0 api/s3#3.1175.0 m/E,b,g]',
  '[Boto3/1.40.3 md/Botocore#1.40.3 ua/2.1 os/linux#5.10 md/arch#x86_64 lang/python#3.12.4 md/pyimpl#CPython cfg/retry-mode#legacy]',
  '[aws-cli/2.27.2 md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.3 md/pyimpl#CPython cfg/retry-mode#standard]',
];
