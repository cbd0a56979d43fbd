package org.parley.agents.email.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.strings;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplyTextTest {
  @Test
  void quotesOfCommonMailProgramsAreCut() {
    for (String quote :
        List.of(
            "On Mon, Nov 2, 2026 at 10:00 AM Shop <shop@x.example> wrote:\n\n> Hello\n> there",
            "On Mon, Nov 2, 2026 at 10:00 AM Shop <reply+a-very-long-token@reply.example>\nwrote:\n\n> Hi",
            "On 2 Nov 2026, Shop wrote:\n\nHello there",
            "Am 02.11.2026 um 10:00 schrieb Shop:\n> Hallo",
            "Le lun. 2 nov. 2026 à 10:00, Shop <s@x.example> a écrit :\n> Bonjour",
            "El lun, 2 nov 2026 a las 10:00, Shop (<s@x.example>) escribió:\n> Hola",
            "2026年11月2日(月) 10:00 Shop <s@x.example>:\n> こんにちは",
            "-----Original Message-----\nFrom: Shop\nHello",
            "-----Ursprüngliche Nachricht-----\nVon: Shop\nHallo",
            "________________________________\nFrom: Shop <s@x.example>\nHello",
            "From: Shop <s@x.example>\nSent: Monday\nTo: Ann\nSubject: Hello\n\nHello",
            "Von: Shop <s@x.example>\nGesendet: Montag\nAn: Ann\nBetreff: Hallo\n\nHallo",
            "> Hello\n> there",
            "-- \nAnn Example\nACME",
            "Sent from my iPhone",
            "Sent from my iPhone\n\n> On 2 Nov 2026, at 10:00, Shop wrote:\n> Hello")) {
      assertThat(ReplyText.of("Yes, please.\nTuesday.\n\n" + quote))
          .as(quote)
          .isEqualTo("Yes, please.\nTuesday.");
    }
  }

  @Test
  void anAnswerBelowOrBetweenQuotesStays() {
    assertThat(ReplyText.of("On 2 Nov 2026, Shop wrote:\n> Hello\n> there\n\nNo, thanks.\n"))
        .isEqualTo("No, thanks.");
    assertThat(ReplyText.of("> Red?\nYes.\n> Large?\nNo.")).isEqualTo("Yes.\nNo.");
  }

  @Test
  void whatOnlyLooksLikeAQuoteStays() {
    assertThat(ReplyText.of("On Monday I wrote:\nplease call me"))
        .isEqualTo("On Monday I wrote:\nplease call me");
    assertThat(ReplyText.of("From: where do you deliver?"))
        .isEqualTo("From: where do you deliver?");
    assertThat(ReplyText.of("a -- b\n---\nc")).isEqualTo("a -- b\n---\nc");
    assertThat(ReplyText.of("STOP")).isEqualTo("STOP");
  }

  @Test
  void atMostSixtyFourKibibytesAreKept() {
    String kept = ReplyText.of("ü😀".repeat(100_000));

    assertThat(kept.getBytes(StandardCharsets.UTF_8).length)
        .isBetween(ReplyText.MAX_OCTETS - 6, ReplyText.MAX_OCTETS);
  }

  @Test
  void anyTextIsCutAndNeverGrows() {
    qt().withExamples(500)
        .forAll(strings().allPossible().ofLengthBetween(0, 500))
        .check(text -> ReplyText.of(text).length() <= text.length());
  }
}
