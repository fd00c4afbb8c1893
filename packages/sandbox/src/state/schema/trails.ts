import { data, defaulted, flag, list, optional, required, text, time } from '../codec.ts';
import { arn, created, iamTags, none, region } from './values.ts';
import { byArn, section, type Section } from './section.ts';

export const TRAILS: readonly Section[] = [
  section('trails', (store) => store.trails, byArn, {
    arn: required(arn),
    name: required(text),
    region: required(region),
    created,
    bucket: required(text),
    prefix: optional(text),
    multiRegion: defaulted(flag, () => false),
    globalEvents: defaulted(flag, () => true),
    validation: defaulted(flag, () => false),
    organization: optional(flag),
    recursive: defaulted(flag, () => true),
    tags: defaulted(iamTags, none),
    selectors: optional(list(data)),
    advanced: optional(list(data)),
    logging: defaulted(flag, () => false),
    started: optional(time),
    stopped: optional(time),
  }),
];
