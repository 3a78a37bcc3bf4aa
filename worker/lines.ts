/** Who waits for a conversation's turn. */
export type Turn = { conversation: string; waitMs: number };

export type Lines = {
  has(id: string): boolean;
  /** A look at this request has ended: it waits for a turn, or for none. */
  ended(id: string, turn: Turn | null): void;
  close(): void;
};

type Line = { ids: Set<string>; tried: string | null; timer: NodeJS.Timeout | null };

/**
 * Requests that wait for a conversation stand in a line, and only the first of it asks for the turn: many that
 * ask would each cost a look, and the conversation takes one a second. Nobody holds a place of the pool meanwhile.
 */
export function createLines(release: (id: string) => void): Lines {
  const lines = new Map<string, Line>();

  function next(conversation: string, line: Line, ms: number): void {
    if (line.timer !== null || line.tried !== null) return;
    line.timer = setTimeout(() => {
      line.timer = null;
      const [first] = line.ids;
      if (first === undefined) return void lines.delete(conversation);
      line.tried = first;
      release(first);
    }, ms);
  }

  return {
    has: (id) => [...lines.values()].some(({ ids }) => ids.has(id)),
    ended(id, turn) {
      for (const [conversation, line] of lines) {
        const wasTried = line.tried === id;
        if (wasTried) line.tried = null;
        // Whoever had no luck keeps its place.
        if (turn?.conversation !== conversation) line.ids.delete(id);
        if (wasTried) next(conversation, line, turn?.conversation === conversation ? turn.waitMs : 0);
      }
      if (turn === null) return;
      const line = lines.get(turn.conversation) ?? { ids: new Set(), tried: null, timer: null };
      lines.set(turn.conversation, line);
      line.ids.add(id);
      next(turn.conversation, line, turn.waitMs);
    },
    close() {
      for (const { timer } of lines.values()) if (timer !== null) clearTimeout(timer);
      lines.clear();
    },
  };
}
