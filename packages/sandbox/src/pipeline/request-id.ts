import { randomUUID } from 'node:crypto';
import { fewRandomBytes } from '../random.ts';
import type { ServiceDefinition } from '../services/service.ts';

export function newRequestId(definition: ServiceDefinition): string {
  return definition.protocol === 'rest-xml' ? randomHex() : randomUUID();
}

/** Sixteen digits. */
const randomHex = (): string => fewRandomBytes(8).toString('hex').toUpperCase();
