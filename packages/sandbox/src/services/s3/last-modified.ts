/**
 * The time that S3 shows for an object: whole seconds, in XML and headers alike, as in the examples of
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html. Clients that compare it with a file's time need to know.
 *
 * @param modified Milliseconds since 1970.
 */
export const lastModified = (modified: number): Date => new Date(Math.floor(modified / 1000) * 1000);
