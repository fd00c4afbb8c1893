import { canonicalIdOf } from '../config/seed.ts';

type Members = Record<string, unknown>;

type Sections = Readonly<Record<string, readonly string[]>>;

const SECRET: Sections = {
  accessKeys: ['secret'],
  keys: ['material', 'older'],
  mfaDevices: ['seed'],
};
/** Members that are secret, or tell the account that they belong to. */
const LEFT_OUT: Sections = {
  accessKeys: ['id', 'secret'],
  keys: ['material', 'older', 'rotated'],
};

export function withoutSecrets(state: Readonly<Members>): Members {
  const { secrets: _, ...rest } = state;
  return { ...rest, accounts: (rest['accounts'] as Members[]).map((account) => without(account, SECRET)) };
}

/**
 * A state that can be shown to others: account ids are `111111111111`, `222222222222` and so on, in the order of the
 * file; secrets are left out, and made anew when it is imported. Whoever has an MFA device has none.
 */
export function mask(state: Readonly<Members>): Members {
  const { secrets: _, objects: __, ...rest } = state;
  const accounts = (rest['accounts'] as Members[]).map(({ mfaDevices: ___, ...account }) =>
    without(account, LEFT_OUT),
  );
  const ids = new Map(accounts.map(({ id }, index) => [String(id), maskedId(index)]));
  const hashes = new Map([...ids].map(([id, masked]) => [canonicalIdOf(id), canonicalIdOf(masked)]));
  return replaced({ ...rest, accounts }, (text) =>
    text
      .replaceAll(/(?<!\d)\d{12}(?!\d)/g, (id) => ids.get(id) ?? id)
      .replaceAll(/[0-9a-f]{64}/g, (hash) => hashes.get(hash) ?? hash),
  ) as Members;
}

const maskedId = (index: number): string =>
  index < 9 ? String(index + 1).repeat(12) : String(100_000_000_000 + index);

function without(account: Members, sections: Sections): Members {
  const rest = { ...account };
  for (const [section, members] of Object.entries(sections)) {
    const records = rest[section] as Members[] | undefined;
    if (!records) continue;
    rest[section] = records.map((record) =>
      Object.fromEntries(Object.entries(record).filter(([name]) => !members.includes(name))),
    );
  }
  return rest;
}

function replaced(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => replaced(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [change(name), replaced(member, change)]),
  );
}
