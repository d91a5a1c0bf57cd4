/**
 * Every command the server knows, joined from the tables of each theme.
 *
 * @module
 */
import { type Commands, joinTables } from "../command.ts";
import { CHANNEL_COMMANDS } from "./channel.ts";
import { FILE_COMMANDS } from "./file.ts";
import { INFO_COMMANDS } from "./info.ts";
import { LISTING_COMMANDS } from "./listing.ts";
import { LOGIN_COMMANDS } from "./login.ts";
import { MODE_COMMANDS } from "./mode.ts";
import { PARAMETER_COMMANDS } from "./parameters.ts";
import { TRANSFER_COMMANDS } from "./transfer.ts";

/** All commands by verb. */
export const COMMANDS: Commands = joinTables(
  LOGIN_COMMANDS,
  PARAMETER_COMMANDS,
  MODE_COMMANDS,
  CHANNEL_COMMANDS,
  TRANSFER_COMMANDS,
  LISTING_COMMANDS,
  FILE_COMMANDS,
  INFO_COMMANDS,
);
