/**
 * Where TLS ends in a stream of bytes: the first byte behind a whole record that begins no other
 * (RFC 8446 section 5.1). Nothing else tells, once both ends go on in the clear.
 *
 * @module
 */

/** Content types of records: change_cipher_spec, alert, handshake, application_data. */
const FIRST_TYPE = 20;
const LAST_TYPE = 23;

/** Type, version and length. */
const HEADER_SIZE = 5;

/** Follows the records of a stream, whatever way its bytes are cut. */
export class RecordBoundary {
  readonly #header: number[] = [];
  #left = 0;

  /**
   * Takes the next bytes.
   *
   * @param bytes What arrived.
   * @returns Where in them the first byte is that belongs to no record; undefined where all do. What
   * is behind it must not be given here.
   */
  push(bytes: Uint8Array): number | undefined {
    for (let at = 0; at < bytes.length;) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        at += taken;
        continue;
      }
      const byte = bytes[at] ?? 0;
      if (this.#header.length === 0 && (byte < FIRST_TYPE || byte > LAST_TYPE)) return at;
      this.#header.push(byte);
      at++;
      if (this.#header.length === HEADER_SIZE) this.#beginBody();
    }
    return undefined;
  }

  #beginBody(): void {
    const [, , , high = 0, low = 0] = this.#header;
    this.#left = high * 256 + low;
    this.#header.length = 0;
  }
}
