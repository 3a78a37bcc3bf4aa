/** Virtual time: what is to happen when, in order; what is due at the same moment happens in the order it was put. */
type Due = { at: number; order: number; run: () => void };

export class Agenda {
  now = 0;
  private readonly heap: Due[] = [];
  private order = 0;

  after(ms: number, run: () => void): void {
    const due: Due = { at: this.now + ms, order: this.order++, run };
    let index = this.heap.push(due) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(due, this.heap[parent] as Due)) break;
      this.heap[index] = this.heap[parent] as Due;
      index = parent;
    }
    this.heap[index] = due;
  }

  /** Runs everything, or gives up when it does not come to an end. */
  runAll(most: number): boolean {
    for (let runs = 0; runs < most; runs += 1) {
      const next = this.next();
      if (next === null) return true;
      this.now = next.at;
      next.run();
    }
    return false;
  }

  private next(): Due | null {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (first === undefined || last === undefined) return null;
    if (this.heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= this.heap.length) break;
      const right = this.heap[child + 1];
      if (right && isBefore(right, this.heap[child] as Due)) child += 1;
      if (!isBefore(this.heap[child] as Due, last)) break;
      this.heap[index] = this.heap[child] as Due;
      index = child;
    }
    this.heap[index] = last;
    return first;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
