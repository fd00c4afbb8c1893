import { SCANNER } from './scanner.data.ts';

interface Global {
  readonly value: unknown;
}

/** The part of WebAssembly's interface that is used here: its types come with those of a browser only. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: Record<string, object>) => { exports: unknown };
};

/** What the WebAssembly module gives; addresses are places in its memory. */
export interface ScannerExports {
  memory: { readonly buffer: ArrayBuffer };
  newPlan(size: number, rest: number): number;
  addMember(plan: number, name: number, length: number, slot: number, inside: number, each: number): void;
  setSeed(low: number, high: number): void;
  setUp(texts: number, slots: number, rowsOfPart: number, bytesOfPart: number): void;
  bindSlots(...slots: number[]): void;
  bindColumns(...columns: number[]): void;
  bindPlan(plan: number, bucketType: number, objectType: number): void;
  setFile(name: number, length: number): void;
  reserveScratch(size: number): number;
  reserveWindow(size: number): number;
  setBytes(from: number, to: number): void;
  setPosition(at: number): void;
  columnAddress(index: number): number;
  clear(): void;
  isFull(): number;
  peek(): number;
  skipValue(): number;
  takeRecord(): number;
  slotStart(slot: number): number;
  slotEnd(slot: number): number;
  readonly pos: Global;
  readonly end: Global;
  readonly failedAt: Global;
  readonly rows: Global;
  readonly times: Global;
  readonly bytesIn: Global;
  readonly bytesOut: Global;
}

/** What the module asks of us. Each writes its answer to the scratch room and gives its length. */
export interface ScannerHost {
  decode(from: number, to: number): number;
  json(from: number, to: number): number;
  number(from: number, to: number): number;
  time(from: number, to: number): number;
}

let compiled: object | undefined;

/** A scanner with a memory of its own. */
export function instantiateScanner(host: ScannerHost): ScannerExports {
  compiled ??= new WebAssembly.Module(Buffer.from(SCANNER, 'base64'));
  const env = { abort: () => undefined };
  return new WebAssembly.Instance(compiled, { env, host }).exports as ScannerExports;
}
