/** The code, where the text names one, and the message in it. */
export interface DenialText {
  code?: string;
  message: string;
}

/** Takes the message out of an XML error document, of what the AWS CLI prints, and of a page that escaped it. */
export function denialText(raw: string): DenialText {
  const code = between(raw, '<Code>', '</Code>');
  if (code !== undefined)
    return { code, message: unescapeHtml(between(raw, '<Message>', '</Message>') ?? code) };
  const text = ESCAPED_RESOURCE.some((mark) => raw.includes(mark)) ? unescapeHtml(raw) : raw;
  return cliError(text) ?? { message: text };
}

/** `An error occurred (CODE) when calling the NAME operation: MESSAGE` */
function cliError(text: string): DenialText | undefined {
  const code = between(text, 'An error occurred (', ') when calling the ');
  const mark = ' operation: ';
  const start = code === undefined ? -1 : text.indexOf(mark);
  return start < 0 ? undefined : { code, message: text.slice(start + mark.length) };
}

function between(text: string, start: string, end: string): string | undefined {
  const from = text.indexOf(start);
  const to = from < 0 ? -1 : text.indexOf(end, from + start.length);
  return to < 0 ? undefined : text.slice(from + start.length, to);
}

const ESCAPED_RESOURCE = ['on resource: &quot;', 'on resource: &#34;', 'on resource: &#x22;'];

const ENTITIES = new Map([
  ['quot', '"'],
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['apos', "'"],
]);

function unescapeHtml(text: string): string {
  return text.replaceAll(
    /&(?:(quot|amp|lt|gt|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi,
    (whole, name, decimal, hex) => {
      if (name) return ENTITIES.get(String(name).toLowerCase()) ?? whole;
      const point = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );
}
