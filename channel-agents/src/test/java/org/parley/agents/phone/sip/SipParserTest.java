package org.parley.agents.phone.sip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SipParserTest {
  private static final String HEAD =
      "Via: SIP/2.0/UDP a.example:5060;branch=z9hG4bK1\r\n"
          + "From: \"Ann; the <first>\" <sip:ann@a.example>;tag=f1\r\n"
          + "To: <sip:bob@b.example>;tag=t1\r\nCall-ID: c@a\r\nCSeq: 7 BYE\r\n";

  private static SipMessage parse(String text) throws NotSip {
    return SipParser.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void whatIsWrittenIsReadAgain() throws NotSip {
    SipMessage written =
        SipMessage.request("BYE", "sip:bob@b.example")
            .add("Via", "SIP/2.0/UDP a.example;branch=z9hG4bK2")
            .add("From", "<sip:ann@a.example>;tag=1")
            .add("To", "<sip:bob@b.example>;tag=2")
            .add("Call-ID", "c@a")
            .add("CSeq", "2 BYE")
            .body("application/sdp", "v=0\r\n".getBytes(StandardCharsets.UTF_8))
            .build();

    SipMessage read = SipParser.parse(written.encode());

    assertThat(read.method()).isEqualTo("BYE");
    assertThat(read.uri()).isEqualTo("sip:bob@b.example");
    assertThat(read.branch()).isEqualTo("z9hG4bK2");
    assertThat(read.sequence()).isEqualTo(2);
    assertThat(new String(read.body(), StandardCharsets.UTF_8)).isEqualTo("v=0\r\n");
  }

  @Test
  void quotesAndBracketsHideWhatTheyHold() throws NotSip {
    SipMessage read = parse("BYE sip:bob@b.example SIP/2.0\r\n" + HEAD + "\r\n");

    assertThat(read.fromTag()).isEqualTo("f1");
    assertThat(HeaderValue.uri(read.first("From").orElseThrow())).isEqualTo("sip:ann@a.example");
  }

  @Test
  void compactAndFoldedHeadersAreUnderstood() throws NotSip {
    SipMessage read =
        parse(
            "SIP/2.0 200 OK\r\nv: SIP/2.0/UDP x;branch=z9hG4bK3,\r\n SIP/2.0/UDP y;branch=4\r\n"
                + "f: <sip:a@x>;tag=1\r\nt: <sip:b@x>\r\ni: c\r\nCSeq: 1 INVITE\r\n"
                + "m: <sip:b@10.0.0.1:5070;transport=tcp>\r\nl: 0\r\n\r\n");

    assertThat(read.status()).isEqualTo(200);
    assertThat(read.branch()).isEqualTo("z9hG4bK3");
    assertThat(read.all("Via")).hasSize(2);
    assertThat(SipUri.parse(HeaderValue.uri(read.first("Contact").orElseThrow())))
        .contains(new SipUri("b", "10.0.0.1", 5070));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello\r\n\r\n",
        "BYE sip:b@x SIP/3.0\r\n\r\n",
        "BYE sip:b@x SIP/2.0\r\nVia: x\r\n\r\n",
        "SIP/2.0 20 OK\r\n\r\n",
        "SIP/2.0 999 No\r\n\r\n",
        "BYE  SIP/2.0\r\n\r\n",
        "BYE sip:b@x SIP/2.0\r\n: no name\r\n\r\n",
      })
  void whatIsNoSipIsRefusedWithAReason(String text) {
    assertThatThrownBy(() -> parse(text)).isInstanceOf(NotSip.class).message().isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 99\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 99999999999999\r\n",
        "CSeq: 8 BYE\r\n",
        "Call-ID: another\r\n",
      })
  void aHeaderThatContradictsIsRefused(String more) {
    assertThatThrownBy(() -> parse("BYE sip:b@x SIP/2.0\r\n" + HEAD + more + "\r\n"))
        .isInstanceOf(NotSip.class);
  }

  @Test
  void aLineBreakInAValueIsNeverWritten() {
    assertThatThrownBy(
            () -> SipMessage.request("INVITE", "sip:a@b").add("To", "x\r\nContact: evil"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SipMessage.request("INVITE", "sip:a@b\r\nVia: evil"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void damagedMessagesAreReadOrRefusedAndNothingElse() {
    byte[] whole =
        ("SIP/2.0 200 OK\r\n" + HEAD.replace("BYE", "INVITE") + "Contact: <sip:b@x>\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8);
    Random random = new Random(7);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = whole.clone();
      for (int j = 0; j < 3; j++) damaged[random.nextInt(whole.length)] = (byte) random.nextInt();
      try {
        SipMessage read = SipParser.parse(damaged);
        assertThat(read.sequence()).isNotNegative();
        var unused = read.all("Contact").stream().map(HeaderValue::uri).map(SipUri::parse).toList();
      } catch (NotSip e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(1, 20_000);
  }
}
