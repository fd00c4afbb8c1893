/** What an object carries besides its bytes, in the words of S3's headers. */
export interface ObjectProperties {
  contentType?: string;
  cacheControl?: string;
  contentDisposition?: string;
  contentEncoding?: string;
  contentLanguage?: string;
  /** As the header has it. */
  expires?: string;
  /** Names in lower case. */
  metadata?: Readonly<Record<string, string>>;
  /** As a query: `a=1&b=2`. */
  tagging?: string;
}

type Simple = Exclude<keyof ObjectProperties, 'metadata'>;

const HEADERS: Record<Simple, string> = {
  contentType: 'content-type',
  cacheControl: 'cache-control',
  contentDisposition: 'content-disposition',
  contentEncoding: 'content-encoding',
  contentLanguage: 'content-language',
  expires: 'expires',
  tagging: 'x-amz-tagging',
};

const META = 'x-amz-meta-';

export function propertyHeaders(properties: ObjectProperties): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, header] of Object.entries(HEADERS) as [Simple, string][]) {
    const value = properties[name];
    if (value !== undefined) headers[header] = value;
  }
  for (const [name, value] of Object.entries(properties.metadata ?? {})) headers[`${META}${name}`] = value;
  return headers;
}

/** What an answer says of its object; tags are never among it. */
export function readProperties(headers: Readonly<Record<string, string>>): ObjectProperties {
  const properties: ObjectProperties = {};
  for (const [name, header] of Object.entries(HEADERS) as [Simple, string][]) {
    const value = headers[header];
    if (value !== undefined && name !== 'tagging') properties[name] = value;
  }
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith(META));
  return {
    ...properties,
    metadata: Object.fromEntries(metadata.map(([name, value]) => [name.slice(META.length), value])),
  };
}

/** The same as members of the SDK's inputs. */
export function propertyInput({ metadata, expires, ...simple }: ObjectProperties): PropertyInput {
  const members = Object.entries(simple).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(
      members.map(([name, value]) => [`${name[0]!.toUpperCase()}${name.slice(1)}`, value]),
    ),
    ...(expires !== undefined && { Expires: new Date(expires) }),
    ...(metadata && { Metadata: { ...metadata } }),
  };
}

export interface PropertyInput {
  ContentType?: string;
  CacheControl?: string;
  ContentDisposition?: string;
  ContentEncoding?: string;
  ContentLanguage?: string;
  Expires?: Date;
  Metadata?: Record<string, string>;
  Tagging?: string;
}

/** The same from the SDK's outputs. */
export function outputProperties(output: PropertyInput & { ExpiresString?: string }): ObjectProperties {
  return {
    contentType: output.ContentType,
    cacheControl: output.CacheControl,
    contentDisposition: output.ContentDisposition,
    contentEncoding: output.ContentEncoding,
    contentLanguage: output.ContentLanguage,
    expires: output.ExpiresString ?? output.Expires?.toUTCString(),
    metadata: output.Metadata ?? {},
  };
}
