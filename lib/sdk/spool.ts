/** Stands for one event that is kept, until it is settled. */
export type Ticket = object;

/**
 * Keeps events beyond the life of the program, until the server has them or refused them. Nothing here may throw. The SDK's own is
 * `diskSpool` of `@tokentra/sdk/node`.
 */
export type Spool = {
  /** Keeps an event from now on. Undefined when it cannot be kept: then it lives in memory alone. */
  keep(text: string): Ticket | undefined;
  /** These need not be kept any longer. */
  settle(tickets: Ticket[]): void;
  /** Hands over some events of programs that are gone, to be kept anew, and forgets the old copies. False when there are none. */
  adopt(take: (texts: string[]) => void): boolean;
  /** The program goes on without it: what is left is for whoever comes next. */
  release(): void;
};
