package org.parley.agents.email;

/** Where in a transaction a reply or a failure came. */
enum Phase {
  MAIL(0),
  RCPT(1),
  DATA(2),
  /** After the final dot: from here on a lost connection leaves the message in doubt. */
  DOT(3);

  private final int position;

  Phase(int position) {
    this.position = position;
  }

  /** Which reply of a transaction is this phase's, from 0. */
  int position() {
    return position;
  }
}
