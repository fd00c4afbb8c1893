/** Calls that change nothing, give no object's content, and tell something all the same. */
export type ProbeCall =
  | 'GetCallerIdentity'
  | 'AssumeRole'
  | 'HeadBucket'
  | 'HeadObject'
  | 'GetObject'
  | 'ListObjectsV2';

export type ProbeAnswer = 'allowed' | 'denied' | 'missing' | 'elsewhere' | 'refused';

/** What an answer of AWS's tells to who cannot read a policy. */
export interface AnswerMeaning {
  call: ProbeCall;
  /** How the call is made, so that it does no harm. */
  how: string;
  answer: ProbeAnswer;
  tells: string;
  page: string;
}

const PAGES = {
  GetCallerIdentity: 'https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html',
  AssumeRole: 'https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html',
  HeadBucket: 'https://docs.aws.amazon.com/goto/SdkForKotlin/s3-2006-03-01/HeadBucket',
  HeadObject: 'https://docs.aws.amazon.com/goto/SdkForKotlin/s3-2006-03-01/HeadObject',
  GetObject: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html',
  ListObjectsV2: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html',
} as const;

const HOW: Readonly<Record<ProbeCall, string>> = {
  GetCallerIdentity: 'as it is',
  AssumeRole: 'for 15 minutes, with a session policy that allows nothing but these probes',
  HeadBucket: 'as it is',
  HeadObject: 'as it is',
  GetObject: 'with an ETag that no object has, so that no body comes',
  ListObjectsV2: 'for no keys at all',
};

const TELLS: readonly [ProbeCall, ProbeAnswer, string][] = [
  ['GetCallerIdentity', 'allowed', 'AWS takes the credentials; no policy has a say in this call'],
  ['GetCallerIdentity', 'refused', 'AWS does not take the credentials'],
  [
    'AssumeRole',
    'allowed',
    'the role is there, its trust policy lets the caller in, and nothing of the caller forbids it',
  ],
  [
    'AssumeRole',
    'denied',
    'the role is not there, or its trust policy does not let the caller in (by its name, the external id or a second factor), or the own account of the caller does not allow it',
  ],
  ['AssumeRole', 'refused', 'STS did not come to the policies'],
  ['HeadBucket', 'allowed', 'the bucket is there, and the caller may list it'],
  ['HeadBucket', 'denied', 'the bucket is there, and the caller may not list it'],
  ['HeadBucket', 'missing', 'no account has a bucket of this name'],
  ['HeadBucket', 'elsewhere', 'the bucket is there, in another region than the call went to'],
  ['HeadBucket', 'refused', 'S3 did not come to the policies'],
  ['HeadObject', 'allowed', 'the object is there, and the policies let the caller read it'],
  [
    'HeadObject',
    'denied',
    'the caller may not read the object; or it is not there, and the caller may not list the bucket',
  ],
  ['HeadObject', 'missing', 'there is no such object, and the caller may list the bucket'],
  ['HeadObject', 'elsewhere', 'the bucket is in another region than the call went to'],
  ['HeadObject', 'refused', 'S3 did not come to the policies'],
  ['GetObject', 'allowed', 'the caller may read the object'],
  ['GetObject', 'denied', 'the same as a denied HeadObject, with what AWS says of it'],
  ['GetObject', 'missing', 'there is no such object, and the caller may list the bucket'],
  ['ListObjectsV2', 'allowed', 'the caller may list these keys'],
  ['ListObjectsV2', 'denied', 'the caller may not list these keys'],
  ['ListObjectsV2', 'missing', 'no account has a bucket of this name'],
  ['ListObjectsV2', 'elsewhere', 'the bucket is in another region than the call went to'],
];

/** The table that probing goes by. */
export const PROBE_ANSWERS: readonly AnswerMeaning[] = TELLS.map(([call, answer, tells]) => ({
  call,
  how: HOW[call],
  answer,
  tells,
  page: PAGES[call],
}));

/** What one answer tells. */
export function meaningOfAnswer(call: ProbeCall, answer: ProbeAnswer): Pick<AnswerMeaning, 'tells' | 'page'> {
  const found = PROBE_ANSWERS.find((row) => row.call === call && row.answer === answer);
  return found ?? { tells: 'nothing: this is no answer that AWS documents for it', page: PAGES[call] };
}
