package org.parley.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.parley.node.Formation.Knock;
import org.parley.node.Formation.Sign;

class FormationTest {
  @ParameterizedTest(name = "{5}")
  @CsvSource({
    "false, false, false, REFUSED, DEAD,    a process that was killed a moment ago",
    "false, false, true,  REFUSED, UNCLEAR, an address that is another machine's, or a session that ends",
    "false, true,  true,  SILENT,  LIVES,   it said so in the meantime",
    "false, true,  false, SILENT,  LIVES,   it said so before its session was cut",
    "false, false, true,  OPEN,    LIVES,   a node that runs",
    "false, false, false, OPEN,    UNCLEAR, the database was started again or something else listens there",
    "false, false, false, SILENT,  UNCLEAR, a machine that lost its power",
    "false, false, true,  SILENT,  UNCLEAR, a machine behind a firewall or without power",
    "true,  false, false, SILENT,  DEAD,    nobody heard of it for long",
    "true,  false, true,  OPEN,    DEAD,    a process that stands still for long",
  })
  void whatIsKnownOfAnotherNode(
      boolean stale, boolean seenAgain, boolean connected, Knock knock, Sign sign, String story) {
    assertThat(Formation.judge(stale, seenAgain, connected, knock)).as(story).isEqualTo(sign);
  }
}
