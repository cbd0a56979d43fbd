package org.parley.agents.phone.sip;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Where and how the other side wants its sound (RFC 8866, RFC 3264).
 *
 * @param target its address and port for RTP
 * @param codec the RTP payload type: 0 for PCMU, 8 for PCMA (RFC 3551)
 * @param eventType the RTP payload type of telephone-event (RFC 4733); -1 when it takes none
 */
public record Sdp(InetSocketAddress target, int codec, int eventType) {
  public static final int PCMU = 0;
  public static final int PCMA = 8;

  /** The payload type we give to telephone-event. */
  public static final int OWN_EVENT_TYPE = 101;

  private static final int MAX_LINES = 256;

  /** An offer of PCMU, PCMA and telephone-event. */
  public static byte[] offer(InetSocketAddress local, long session) {
    return write(local, session, "0 8", "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n", 101);
  }

  /** An answer that takes one codec, and telephone-event under the number the offer gave it. */
  public static byte[] answer(InetSocketAddress local, long session, int codec, int eventType) {
    String map = codec == PCMA ? "a=rtpmap:8 PCMA/8000\r\n" : "a=rtpmap:0 PCMU/8000\r\n";
    return write(local, session, Integer.toString(codec), map, eventType);
  }

  private static byte[] write(
      InetSocketAddress local, long session, String codecs, String maps, int eventType) {
    String host = local.getAddress().getHostAddress();
    String family = host.indexOf(':') >= 0 ? "IP6 " : "IP4 ";
    String event = eventType < 0 ? "" : " " + eventType;
    String eventMap =
        eventType < 0
            ? ""
            : "a=rtpmap:"
                + eventType
                + " telephone-event/8000\r\na=fmtp:"
                + eventType
                + " 0-15\r\n";
    String text =
        ("v=0\r\no=parley " + session + " 1 IN " + family + host + "\r\n")
            + ("s=-\r\nc=IN " + family + host + "\r\nt=0 0\r\n")
            + ("m=audio " + local.getPort() + " RTP/AVP " + codecs + event + "\r\n")
            + maps
            + eventMap
            + "a=ptime:20\r\na=sendrecv\r\n";
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Reads the first audio stream of a description.
   *
   * @throws NotSip when there is none that can be used: no address, no port, no codec we speak
   */
  public static Sdp parse(byte[] body) throws NotSip {
    String session = "";
    String own = "";
    String media = "";
    int eventType = -1;
    boolean inAudio = false;
    int lines = 0;
    for (String line : new String(body, StandardCharsets.UTF_8).split("\r?\n", MAX_LINES + 1)) {
      if (++lines > MAX_LINES) throw new NotSip("the session description is too long");
      if (line.startsWith("m=")) {
        if (inAudio) break;
        inAudio = line.startsWith("m=audio ");
        if (inAudio) media = line.substring(8).strip();
      } else if (line.startsWith("c=IN IP")) {
        if (inAudio) own = line.substring(6).strip();
        if (media.isEmpty() && session.isEmpty()) session = line.substring(6).strip();
      } else if (inAudio && line.startsWith("a=rtpmap:")) {
        String map = line.substring(9).toLowerCase(Locale.ROOT);
        if (map.contains(" telephone-event/8000")) eventType = payloadType(map);
      }
    }
    String[] words = media.split(" +");
    if (words.length < 3 || !words[1].equals("RTP/AVP")) throw new NotSip("no audio over RTP");
    int port = number(words[0], 65_535);
    if (port < 1) throw new NotSip("the audio has no port");
    InetAddress address = address(own.isEmpty() ? session : own);
    return new Sdp(new InetSocketAddress(address, port), codec(words), eventType);
  }

  private static int codec(String[] words) throws NotSip {
    for (int i = 2; i < words.length; i++) {
      if (words[i].equals("0")) return PCMU;
      if (words[i].equals("8")) return PCMA;
    }
    throw new NotSip("neither PCMU nor PCMA");
  }

  private static int payloadType(String map) {
    int space = map.indexOf(' ');
    return space < 0 ? -1 : number(map.substring(0, space), 127);
  }

  private static int number(String text, int max) {
    if (text.isEmpty() || text.length() > 5) return -1;
    try {
      int number = Integer.parseInt(text);
      return number < 0 || number > max ? -1 : number;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** Only an address will do: looking up a name that the peer chose is not done. */
  private static InetAddress address(String connection) throws NotSip {
    int space = connection.lastIndexOf(' ');
    byte[] octets = NetUtil.createByteArrayFromIpAddressString(connection.substring(space + 1));
    if (octets == null) throw new NotSip("the audio has no address");
    try {
      InetAddress address = InetAddress.getByAddress(octets);
      if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
        throw new NotSip("the audio has an address nobody has");
      }
      return address;
    } catch (UnknownHostException e) {
      throw new NotSip("the audio has no address");
    }
  }
}
