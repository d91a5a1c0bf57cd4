/**
 * Which of several sockets on one port gets a new connection, as a program for the kernel's packet
 * filter.
 *
 * @module
 */

/** One instruction: operation, where to go on if it holds and if not, operand. */
type Instruction = readonly [operation: number, yes: number, no: number, operand: number];

/** Bytes of an instruction. */
export const INSTRUCTION_SIZE = 8;

// Operations of the classic packet filter.
const LOAD_WORD = 0x20;
const MODULO = 0x94;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;

/** Where a random number is read, in place of a part of the packet. */
const RANDOM = 0xfffff024;

/** No socket has this index: the system decides as it does without a program. */
const NONE = 0xffffffff;

/**
 * Picks one of some sockets at random, each as often as the others.
 *
 * @param indices Which ones, in the order in which they began to listen, from 0; none: the system picks
 * among all.
 * @returns The program, as the system takes it: every machine that the runtime knows is little-endian.
 */
export function spreadProgram(indices: readonly number[]): Uint8Array<ArrayBuffer> {
  if (indices.length < 2) return encode([[RETURN, 0, 0, indices[0] ?? NONE]]);
  return encode([
    [LOAD_WORD, 0, 0, RANDOM],
    [MODULO, 0, 0, indices.length],
    ...indices.flatMap((index, choice): Instruction[] => [
      [JUMP_IF_EQUAL, 0, 1, choice],
      [RETURN, 0, 0, index],
    ]),
    [RETURN, 0, 0, NONE],
  ]);
}

function encode(instructions: readonly Instruction[]): Uint8Array<ArrayBuffer> {
  const program = new Uint8Array(instructions.length * INSTRUCTION_SIZE);
  const view = new DataView(program.buffer);
  for (const [position, [operation, yes, no, operand]] of instructions.entries()) {
    const at = position * INSTRUCTION_SIZE;
    view.setUint16(at, operation, true);
    view.setUint8(at + 2, yes);
    view.setUint8(at + 3, no);
    view.setUint32(at + 4, operand, true);
  }
  return program;
}
