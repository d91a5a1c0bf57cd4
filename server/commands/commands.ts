/**
 * Every command the server knows, joined from the tables of each theme.
 *
 * @module
 */
import { type Commands, joinTables } from "../session/command.ts";
import { CHANNEL_COMMANDS } from "./channel.ts";
import { COMBINE_COMMANDS } from "./combine.ts";
import { FACT_COMMANDS } from "./fact_change.ts";
import { FILE_COMMANDS } from "./file.ts";
import { HASH_COMMANDS } from "./hash.ts";
import { IDENTITY_COMMANDS } from "./identity.ts";
import { INFO_COMMANDS } from "./info.ts";
import { LISTING_COMMANDS } from "./listing.ts";
import { LOGIN_COMMANDS } from "./login.ts";
import { MODE_COMMANDS } from "./mode.ts";
import { PARAMETER_COMMANDS } from "./parameters.ts";
import { SECURITY_COMMANDS } from "./security.ts";
import { SITE_COMMANDS } from "./site.ts";
import { TRANSFER_COMMANDS } from "./transfer.ts";

/** All commands by verb. */
export const COMMANDS: Commands = joinTables(
  SECURITY_COMMANDS,
  LOGIN_COMMANDS,
  PARAMETER_COMMANDS,
  MODE_COMMANDS,
  CHANNEL_COMMANDS,
  TRANSFER_COMMANDS,
  LISTING_COMMANDS,
  FILE_COMMANDS,
  FACT_COMMANDS,
  HASH_COMMANDS,
  COMBINE_COMMANDS,
  IDENTITY_COMMANDS,
  SITE_COMMANDS,
  INFO_COMMANDS,
);
