import type { PublicAccessBlock } from '@crossbucket/policy';

/** Block Public Access of what is new: all on. https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html */
export const ALL_BLOCKED: PublicAccessBlock = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

/** A configuration as it is kept: what it leaves out is off. */
export function completeBlock(
  wanted: { [Setting in keyof PublicAccessBlock]?: boolean | undefined } = {},
): PublicAccessBlock {
  return {
    BlockPublicAcls: wanted.BlockPublicAcls ?? false,
    IgnorePublicAcls: wanted.IgnorePublicAcls ?? false,
    BlockPublicPolicy: wanted.BlockPublicPolicy ?? false,
    RestrictPublicBuckets: wanted.RestrictPublicBuckets ?? false,
  };
}
