/**
 * Memory for listings of which others hold nearly all.
 *
 * @module
 */
import { ListingMemory, type MemoryLease } from "../../server/storage/listing_memory.ts";

const MOST = 1000;

/** For one listing, where others leave it so many bytes, and one of them has passed the limit already. */
export function shortLease(left: number): MemoryLease {
  const memory = new ListingMemory(MOST);
  memory.lease().take(MOST + 1);
  memory.lease().take(MOST - left);
  return memory.lease();
}
