import type { Change } from '../../changes/index.ts';
import type { Edit, SettingEdit } from '../core/edit.ts';
import { lastPart } from '../core/place.ts';
import type { Fix } from '../explanation.ts';

/** A fix as `changes/` makes it, or why no machine is to make it. */
export type Makeable = { change: Change } | { because: string };

/** What of a fix can be made here. */
export function changeOf({ edit, summary }: Pick<Fix, 'edit' | 'summary'>): Makeable {
  if (edit === undefined) return { because: `it takes somebody who decides: ${summary}` };
  switch (edit.on) {
    case 'call':
      return { because: `the call is made by your code, which has to make it otherwise: ${summary}` };
    case 'setting':
      return { change: settingChange(edit) };
    case 'document':
      return documentChange(edit);
  }
}

function documentChange({ place, before, after }: Extract<Edit, { on: 'document' }>): Makeable {
  const states = {
    before: before === null ? null : JSON.stringify(before),
    after: after === null ? null : JSON.stringify(after),
  };
  switch (place.kind) {
    case 'session-policy':
      return place.arn === undefined
        ? { because: 'a session policy is part of the AssumeRole that your code makes' }
        : {
            change: {
              document: { account: place.account, kind: 'managed-policy', arn: place.arn },
              ...states,
            },
          };
    case 'vpc-endpoint-policy':
      return {
        because: `the policy of ${place.endpoint} was read from a file, which only tells of it: change it in EC2 (ModifyVpcEndpoint), and in the file`,
      };
    case 'scp':
    case 'rcp':
      if (place.arn === undefined) return { because: `nobody could read which policy \`${place.name}\` is` };
      if (after === null)
        return { because: 'policies of an organization are not removed: others may need them' };
      return { change: { document: place, ...states } };
    default:
      return { change: { document: place, ...states } };
  }
}

function settingChange({ account, setting }: SettingEdit): Change {
  const text = (value: unknown) => (value === null ? null : JSON.stringify(value));
  const states = { before: text(setting.before), after: text(setting.after) };
  switch (setting.kind) {
    case 'ownership': {
      const { bucket, region } = setting;
      return { document: { account, kind: 'ownership', bucket, region }, ...states };
    }
    case 'max-session':
      return { document: { account, kind: 'max-session', role: lastPart(setting.role) }, ...states };
    case 'key-state':
      return { document: { account, kind: 'key-state', key: setting.key }, ...states };
  }
}
