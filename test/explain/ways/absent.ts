import { POINT } from '../setup.ts';
import { data, bucketOf, worker, own, edit, withoutCondition, missing } from './parts.ts';
import { type Way } from './way.ts';

/** What is not there, or not where it is looked for. */
export const ABSENT: readonly Way[] = [
  {
    name: 'the name of the bucket is misspelt',
    cause: 'no-such-bucket',
    part: 'bucket name',
    on: ['bucket-policy', 'role', 'chain'],
    breakIt: ({ call, facts }) => {
      call.input = { ...call.input, Bucket: 'acme-report' };
      facts.bucketMissing = true;
    },
  },
  {
    name: 'the key is not there',
    cause: 'no-such-key',
    part: 'object',
    unfixable: true,
    breakIt: (setup) => {
      missing(setup);
      for (const document of [
        own(worker(setup)),
        bucketOf(setup).policy!.document,
        data(setup).accessPoints![POINT]!.policy!.document,
      ])
        for (const sid of ['List', 'ListReports', 'ListPoint']) edit(document, sid, withoutCondition);
    },
  },
  {
    name: 'the key is not there, and the caller may not list',
    cause: 'missing-list-permission',
    part: 'object',
    unfixable: true,
    breakIt: (setup) => missing(setup),
  },
  {
    name: 'the client is for another region',
    cause: 'wrong-region',
    part: 'region',
    on: ['bucket-policy', 'role', 'chain'],
    breakIt: ({ call }, random) => {
      call.region = random.pick(['eu-west-1', 'us-west-2']);
    },
  },
];
