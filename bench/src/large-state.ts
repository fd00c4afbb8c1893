import { Store } from '../../packages/sandbox/dist/store/store.js';
import { entityKey } from '../../packages/sandbox/dist/store/store.js';

/** Fills a data folder with many roles and policies; the sandbox is started on it afterwards. */
const [folder = '', roles = '0', policies = '0'] = process.argv.slice(2);
const account = '222222222222';
const text = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme-reports/*' }],
});
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111111111111:root' }, Action: 'sts:AssumeRole' },
  ],
});

const store = await Store.open(folder);
for (let index = 0; index < Number(roles); index++) {
  const name = `role-${index}`;
  store.roles.set(entityKey(account, name), {
    account,
    name,
    path: '/',
    id: `AROA${String(index).padStart(17, '0')}`,
    created: 0,
    trust,
    maxSessionDuration: 3600,
    tags: [],
    inline: { read: text },
    attached: [],
  });
  if (index % 1000 === 0) await store.settled();
}
for (let index = 0; index < Number(policies); index++) {
  const name = `policy-${index}`;
  store.managedPolicies.set(entityKey(account, name), {
    account,
    name,
    path: '/',
    id: `ANPA${String(index).padStart(17, '0')}`,
    created: 0,
    updated: 0,
    tags: [],
    versions: [{ id: 'v1', text, created: 0 }],
    defaultVersion: 'v1',
  });
  if (index % 1000 === 0) await store.settled();
}
await store.settled();
await store.close();
process.stdout.write('{}');
