package org.parley.agents.phone.sip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SdpTest {
  private static final InetSocketAddress LOCAL =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4000);

  private static Sdp parse(String text) throws NotSip {
    return Sdp.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void ourOfferAndAnswerAreUnderstood() throws NotSip {
    assertThat(Sdp.parse(Sdp.offer(LOCAL, 1))).isEqualTo(new Sdp(LOCAL, Sdp.PCMU, 101));
    assertThat(Sdp.parse(Sdp.answer(LOCAL, 1, Sdp.PCMA, 96)))
        .isEqualTo(new Sdp(LOCAL, Sdp.PCMA, 96));
    assertThat(Sdp.parse(Sdp.answer(LOCAL, 1, Sdp.PCMU, -1)).eventType()).isEqualTo(-1);
  }

  @Test
  void theStreamsOwnAddressCounts() throws NotSip {
    Sdp sdp =
        parse(
            "v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 5000 RTP/AVP 18 8\r\nc=IN IP4 10.0.0.2\r\n"
                + "m=video 6000 RTP/AVP 99\r\nc=IN IP4 10.0.0.3\r\n");

    assertThat(sdp.target().getAddress().getHostAddress()).isEqualTo("10.0.0.2");
    assertThat(sdp.target().getPort()).isEqualTo(5000);
    assertThat(sdp.codec()).isEqualTo(Sdp.PCMA);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 0 RTP/AVP 0\r\n",
        "v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 70000 RTP/AVP 0\r\n",
        "v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 5000 RTP/AVP 18\r\n",
        "v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 5000 RTP/SAVP 0\r\n",
        "v=0\r\nc=IN IP4 0.0.0.0\r\nm=audio 5000 RTP/AVP 0\r\n",
        "v=0\r\nc=IN IP4 media.example.com\r\nm=audio 5000 RTP/AVP 0\r\n",
        "v=0\r\nm=audio 5000 RTP/AVP 0\r\n",
      })
  void aDescriptionThatCannotBeUsedIsRefused(String text) {
    assertThatThrownBy(() -> parse(text)).isInstanceOf(NotSip.class);
  }
}
