/** A signature as a request carries it. */
export interface Signature {
  form: 'header' | 'query' | 'post';
  accessKeyId: string;
  /** `20260801` */
  date: string;
  region: string;
  service: string;
  /** `20260801T000000Z` */
  timestamp: string;
  signedHeaders: readonly string[];
  /** 64 hexadecimal digits. */
  signature: string;
  /** What the client says of its body: a SHA-256, `UNSIGNED-PAYLOAD` or a `STREAMING-...` form. */
  payloadHash: string;
  securityToken?: string;
  /** Of a presigned URL, in seconds. */
  expires?: number;
  /** Of a form: its policy, in base64, which is all that is signed. */
  policy?: string;
  /** Of a signature of Version 2, which has no scope. */
  v2?: {
    stringToSign: string;
    /** What may be signed instead: the address of a bucket with a slash after it. */
    withSlash?: string;
    /** In milliseconds since 1970. */
    ends?: number;
  };
}

export const ALGORITHM = 'AWS4-HMAC-SHA256';
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
/** SHA-256 of nothing. */
export const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
