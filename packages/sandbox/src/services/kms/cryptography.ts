import { randomBytes } from 'node:crypto';
import { AwsError } from '../../wire/errors.ts';
import type { HandlersOf } from '../service.ts';
import { keyOf, openWith, seal, type EncryptionContext } from './ciphertext.ts';
import { succeedDry } from './dry-run.ts';
import { unfit, unsupported, validation } from './errors.ts';
import { materialId } from './key-material.ts';
import { invalidCiphertext } from './survey.ts';
import type { KeyRecord } from '../../store/records.ts';

const ALGORITHM = 'SYMMETRIC_DEFAULT' as const;
const LONGEST_PLAINTEXT = 4096;
const LONGEST_KEY = 1024;

/** The decision has found that the caller may use the keys, and that they are enabled. */
export const cryptographyHandlers: HandlersOf<typeof import('@aws-sdk/client-kms')> = {
  Encrypt(input, call) {
    const key = call.survey.keys![0]!;
    requireSymmetric(key, input.EncryptionAlgorithm, 'Encrypt');
    const plaintext = input.Plaintext!;
    if (plaintext.length === 0 || plaintext.length > LONGEST_PLAINTEXT)
      throw unfit('plaintext', `have length between 1 and ${LONGEST_PLAINTEXT}`);
    succeedDry(input);
    return {
      CiphertextBlob: seal(key, plaintext, input.EncryptionContext),
      KeyId: key.arn,
      EncryptionAlgorithm: ALGORITHM,
    };
  },

  Decrypt(input, call) {
    const key = call.survey.keys![0]!;
    requireNoRecipient(input);
    requireSymmetric(key, input.EncryptionAlgorithm, 'Decrypt');
    const { plaintext, material } = decrypt(key, input.CiphertextBlob!, input.EncryptionContext);
    succeedDry(input);
    return {
      KeyId: key.arn,
      Plaintext: plaintext,
      EncryptionAlgorithm: ALGORITHM,
      KeyMaterialId: materialId(material),
    };
  },

  ReEncrypt(input, call) {
    const [source, destination] = call.survey.keys! as [KeyRecord, KeyRecord];
    requireSymmetric(source, input.SourceEncryptionAlgorithm, 'ReEncrypt');
    requireSymmetric(destination, input.DestinationEncryptionAlgorithm, 'ReEncrypt');
    const { plaintext, material } = decrypt(source, input.CiphertextBlob!, input.SourceEncryptionContext);
    succeedDry(input);
    return {
      CiphertextBlob: seal(destination, plaintext, input.DestinationEncryptionContext),
      SourceKeyId: source.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: ALGORITHM,
      DestinationEncryptionAlgorithm: ALGORITHM,
      SourceKeyMaterialId: materialId(material),
      DestinationKeyMaterialId: materialId(destination.material),
    };
  },

  GenerateDataKey(input, call) {
    requireNoRecipient(input);
    const dataKey = randomBytes(sizeOfDataKey(input));
    succeedDry(input);
    const key = call.survey.keys![0]!;
    return {
      CiphertextBlob: seal(key, dataKey, input.EncryptionContext),
      Plaintext: dataKey,
      KeyId: key.arn,
      KeyMaterialId: materialId(key.material),
    };
  },

  GenerateDataKeyWithoutPlaintext(input, call) {
    const dataKey = randomBytes(sizeOfDataKey(input));
    succeedDry(input);
    const key = call.survey.keys![0]!;
    return {
      CiphertextBlob: seal(key, dataKey, input.EncryptionContext),
      KeyId: key.arn,
      KeyMaterialId: materialId(key.material),
    };
  },

  GenerateRandom(input) {
    requireNoRecipient(input);
    return { Plaintext: randomBytes(requireLength(input.NumberOfBytes)) };
  },
};

function decrypt(key: KeyRecord, ciphertext: Uint8Array, context: EncryptionContext | undefined) {
  const opened = openWith(key, ciphertext, context);
  if (opened) return opened;
  // A key that was named and is not the ciphertext's is told apart from a wrong context.
  if (keyOf(ciphertext) === key.arn) throw invalidCiphertext();
  throw new AwsError(
    'IncorrectKeyException',
    'The key ID in the request does not identify a CMK that can perform this operation.',
  );
}

function sizeOfDataKey({
  KeySpec: spec,
  NumberOfBytes: bytes,
}: {
  KeySpec?: string | undefined;
  NumberOfBytes?: number | undefined;
}): number {
  if ((spec === undefined) === (bytes === undefined))
    throw validation('Please specify either number of bytes or key spec.');
  if (spec === undefined) return requireLength(bytes);
  if (spec === 'AES_256') return 32;
  if (spec === 'AES_128') return 16;
  throw unfit('keySpec', 'satisfy enum value set: [AES_256, AES_128]');
}

function requireLength(bytes: number | undefined): number {
  if (bytes !== undefined && Number.isInteger(bytes) && bytes >= 1 && bytes <= LONGEST_KEY) return bytes;
  throw unfit('numberOfBytes', `have a value between 1 and ${LONGEST_KEY}`);
}

function requireSymmetric({ arn }: KeyRecord, algorithm: string | undefined, operation: string): void {
  if (algorithm === undefined || algorithm === ALGORITHM) return;
  throw new AwsError('InvalidKeyUsageException', `${arn} does not support ${algorithm} for ${operation}.`);
}

function requireNoRecipient({ Recipient: recipient }: { Recipient?: unknown }): void {
  if (recipient !== undefined) throw unsupported('The sandbox attests no enclaves.');
}
