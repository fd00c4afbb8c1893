/** Operations that change nothing, by AWS's naming. */
export function isReadOnly(operation: string): boolean {
  return /^(Get|List|Head|Describe|Lookup|Simulate|Decode|Select)/.test(operation);
}
