import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLines } from "../../worker/lines.ts";

let released: string[];
beforeEach(() => {
  vi.useFakeTimers();
  released = [];
});
afterEach(() => vi.useRealTimers());

const lines = () => createLines((id) => void released.push(id));
const waiting = (waitMs: number, conversation = "C1") => ({ conversation, waitMs });

test("of those who wait for a conversation only the first asks, and the next when it is done, in order", () => {
  const line = lines();
  for (const id of ["a", "b", "c"]) line.ended(id, waiting(100));
  vi.advanceTimersByTime(1_000);
  expect(released).toEqual(["a"]);
  line.ended("a", null);
  vi.advanceTimersByTime(0);
  expect(released).toEqual(["a", "b"]);
  line.ended("b", waiting(50));
  vi.advanceTimersByTime(49);
  expect(released).toEqual(["a", "b"]);
  vi.advanceTimersByTime(1);
  expect(released).toEqual(["a", "b", "b"]);
  line.ended("b", null);
  vi.advanceTimersByTime(0);
  expect(released.at(-1)).toBe("c");
});

test("conversations do not wait for one another", () => {
  const line = lines();
  line.ended("a", waiting(10_000, "C1"));
  line.ended("b", waiting(10, "C2"));
  vi.advanceTimersByTime(10);
  expect(released).toEqual(["b"]);
  expect(line.has("a")).toBe(true);
});

test("who needs no turn any more leaves the line, and who needs another stands in that one only", () => {
  const line = lines();
  for (const id of ["a", "b", "c"]) line.ended(id, waiting(100));
  line.ended("b", null);
  line.ended("a", waiting(500, "C2"));
  expect([line.has("a"), line.has("b")]).toEqual([true, false]);
  vi.advanceTimersByTime(100);
  expect(released).toEqual(["c"]);
  vi.advanceTimersByTime(400);
  expect(released).toEqual(["c", "a"]);
});

test("a line that is closed releases nobody", () => {
  const line = lines();
  line.ended("a", waiting(100));
  line.close();
  vi.advanceTimersByTime(1_000);
  expect(released).toEqual([]);
});
