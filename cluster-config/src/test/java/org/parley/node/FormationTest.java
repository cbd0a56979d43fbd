package org.parley.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.parley.node.Formation.Knock;
import org.parley.node.Formation.Row;
import org.parley.node.Formation.Sign;

class FormationTest {
  @ParameterizedTest(name = "{5}")
  @CsvSource({
    "FRESH,  false, false, REFUSED, DEAD,    a process that was killed a moment ago",
    "FRESH,  false, true,  REFUSED, UNCLEAR, an address that is another machine's, or a session that ends",
    "FRESH,  true,  true,  SILENT,  LIVES,   it said so in the meantime",
    "FRESH,  true,  false, SILENT,  LIVES,   it said so before its session was cut",
    "FRESH,  false, true,  OPEN,    LIVES,   a node that runs",
    "FRESH,  false, false, OPEN,    UNCLEAR, the database was started again or something else listens there",
    "FRESH,  false, false, SILENT,  UNCLEAR, a machine that lost its power",
    "FRESH,  false, true,  SILENT,  UNCLEAR, a machine behind a firewall or without power",
    "STALE,  false, false, OPEN,    UNCLEAR, it lives and the database was away",
    "STALE,  false, true,  OPEN,    UNCLEAR, the same or a process that stands still",
    "STALE,  false, false, SILENT,  UNCLEAR, the same behind a cut or a machine without power",
    "STALE,  false, false, REFUSED, DEAD,    a process that was killed long ago",
    "STALE,  true,  false, SILENT,  LIVES,   it said so once the database was back",
    "SILENT, false, false, SILENT,  DEAD,    nobody heard of it for long",
    "SILENT, false, true,  OPEN,    DEAD,    a process that stands still for long",
    "SILENT, true,  true,  OPEN,    DEAD,    a process that spoke once more and then stood still",
  })
  void whatIsKnownOfAnotherNode(
      Row row, boolean seenAgain, boolean connected, Knock knock, Sign sign, String story) {
    assertThat(Formation.judge(row, seenAgain, connected, knock)).as(story).isEqualTo(sign);
  }
}
