import type { DeliveryContext, TrailDelivery } from './trail-delivery.ts';

/** The delivery of trails, loaded when there is the first of them. */
export class TrailDeliveries {
  readonly #context: DeliveryContext;
  #loaded: Promise<TrailDelivery> | undefined;

  constructor(context: DeliveryContext) {
    this.#context = context;
  }

  /** Starts it, or starts it again. */
  async load(): Promise<TrailDelivery> {
    this.#loaded ??= import('./trail-delivery.ts').then(
      ({ TrailDelivery: Delivery }) => new Delivery(this.#context),
    );
    const delivery = await this.#loaded;
    delivery.start();
    return delivery;
  }

  /** Goes on with the trails of an earlier start. */
  async resume(): Promise<void> {
    if (!this.#context.store.trails.values().next().done) await this.load();
  }

  /** Delivers what waits, and the digests that are due. */
  async deliver(): Promise<void> {
    await (await this.#loaded)?.deliver('all');
  }

  async close(): Promise<void> {
    await (await this.#loaded)?.close();
  }
}
