import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  NameConstraints,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';

const DAY = 86_400_000;
/** ECDSA over P-256 with SHA-256. */
const ALGORITHM = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';

export interface Issued {
  /** PEM. */
  certificate: string;
  key: KeyObject;
}

/**
 * A certificate authority of its own, good for loopback alone: whoever trusts it trusts it with nothing else.
 * https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.10
 */
export function makeAuthority(): Issued {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const own = keyId(publicKey);
  const loopback = new NameConstraints({
    permittedSubtrees: new GeneralSubtrees(
      [new GeneralName({ dNSName: 'localhost' }), new GeneralName({ iPAddress: '127.0.0.0/8' })].map(
        (base) => new GeneralSubtree({ base }),
      ),
    ),
  });
  return certify(privateKey, 'crossbucket sandbox CA', {
    subject: 'crossbucket sandbox CA',
    publicKey,
    privateKey,
    days: 3650,
    extensions: [
      extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign), true),
      extension(id_ce_nameConstraints, loopback, true),
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(own)),
    ],
  });
}

/** A server's certificate for host names and addresses of loopback. */
export function issue(
  authority: Pick<Issued, 'key'> & { publicKey: KeyObject },
  names: readonly string[],
): Issued {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const alternatives = names.map((name) =>
    isIP(name) === 4 ? new GeneralName({ iPAddress: name }) : new GeneralName({ dNSName: name }),
  );
  const issuer = new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyId(authority.publicKey)) });
  return certify(authority.key, 'crossbucket sandbox CA', {
    subject: 'crossbucket sandbox',
    publicKey,
    privateKey,
    days: 397,
    extensions: [
      extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true),
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
      extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
      extension(id_ce_subjectAltName, new SubjectAlternativeName(alternatives)),
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyId(publicKey))),
      extension(id_ce_authorityKeyIdentifier, issuer),
    ],
  });
}

interface Wanted {
  subject: string;
  publicKey: KeyObject;
  privateKey: KeyObject;
  days: number;
  extensions: Extension[];
}

function certify(signer: KeyObject, issuer: string, wanted: Wanted): Issued {
  const signatureAlgorithm = new AlgorithmIdentifier({ algorithm: ALGORITHM });
  const now = Date.now();
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    // Positive, whatever the other bits are.
    serialNumber: bufferOf(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    signature: signatureAlgorithm,
    issuer: nameOf(issuer),
    subject: nameOf(wanted.subject),
    validity: new Validity({
      notBefore: new Date(now - DAY),
      notAfter: new Date(now + wanted.days * DAY),
    }),
    subjectPublicKeyInfo: AsnConvert.parse(spkiOf(wanted.publicKey), SubjectPublicKeyInfo),
    extensions: new Extensions(wanted.extensions),
  });
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), signer);
  const der = AsnConvert.serialize(
    new Certificate({ tbsCertificate, signatureAlgorithm, signatureValue: bufferOf(signature) }),
  );
  const base64 = Buffer.from(der)
    .toString('base64')
    .replaceAll(/.{64}(?=.)/g, '$&\n');
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: wanted.privateKey,
  };
}

function extension(extnID: string, value: object, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function nameOf(commonName: string): Name {
  const value = new AttributeValue({ utf8String: commonName });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: COMMON_NAME, value })])]);
}

const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

const keyId = (key: KeyObject): ArrayBuffer =>
  bufferOf(createHash('sha256').update(spkiOf(key)).digest().subarray(0, 20));

function bufferOf(bytes: Buffer): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
