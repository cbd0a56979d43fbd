package org.parley.agents.email;

/** Where in a transaction a reply or a failure came. */
enum Phase {
  MAIL,
  RCPT,
  DATA,
  /** After the final dot: from here on a lost connection leaves the message in doubt. */
  DOT
}
