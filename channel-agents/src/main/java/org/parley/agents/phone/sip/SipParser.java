package org.parley.agents.phone.sip;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.parley.agents.phone.sip.SipMessage.Header;

/**
 * Reads messages from the wire. It takes what RFC 3261 allows, with at most 128 header lines, and
 * refuses everything else without looking further.
 */
final class SipParser {
  private static final int MAX_HEADERS = 128;
  private static final int MAX_METHOD_CHARS = 32;
  private static final List<String> NEEDED = List.of("Via", "From", "To", "Call-ID", "CSeq");
  private static final List<String> ONCE = List.of("From", "To", "Call-ID", "CSeq");
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("v", "Via"),
          Map.entry("f", "From"),
          Map.entry("t", "To"),
          Map.entry("i", "Call-ID"),
          Map.entry("m", "Contact"),
          Map.entry("l", "Content-Length"),
          Map.entry("c", "Content-Type"),
          Map.entry("via", "Via"),
          Map.entry("from", "From"),
          Map.entry("to", "To"),
          Map.entry("call-id", "Call-ID"),
          Map.entry("cseq", "CSeq"),
          Map.entry("contact", "Contact"),
          Map.entry("record-route", "Record-Route"),
          Map.entry("content-length", "Content-Length"),
          Map.entry("content-type", "Content-Type"));

  private SipParser() {}

  /**
   * Reads one message.
   *
   * @param octets a datagram, or a message cut from a stream
   */
  static SipMessage parse(byte[] octets) throws NotSip {
    int end = headEnd(octets, octets.length);
    if (end < 0) throw new NotSip("the headers have no end");
    List<String> lines = lines(new String(octets, 0, end, StandardCharsets.UTF_8));
    List<Header> headers = headers(lines);
    int length = contentLength(headers, octets.length - end);
    if (length > octets.length - end) throw new NotSip("the body is shorter than it says");
    headers.removeIf(header -> header.name().equals("Content-Length"));
    byte[] body = Arrays.copyOfRange(octets, end, end + length);
    SipMessage message = started(lines.get(0), headers, body);
    check(message, headers);
    return message;
  }

  /** Where the body begins, after the empty line; -1 when there is none within the limit. */
  static int headEnd(byte[] octets, int limit) {
    for (int i = 3; i < limit; i++) {
      if (octets[i] == '\n'
          && octets[i - 1] == '\r'
          && octets[i - 2] == '\n'
          && octets[i - 3] == '\r') {
        return i + 1;
      }
    }
    return -1;
  }

  /** How long the body of a message on a stream is, from its headers. */
  static int bodyLength(byte[] head) throws NotSip {
    return contentLength(headers(lines(new String(head, StandardCharsets.UTF_8))), 0);
  }

  private static List<String> lines(String head) throws NotSip {
    List<String> lines = new ArrayList<>(16);
    for (String line : head.split("\r\n", -1)) {
      if (line.isEmpty()) {
        if (lines.isEmpty()) continue; // section 7.5: line breaks before the start line
        break;
      }
      boolean folded = line.charAt(0) == ' ' || line.charAt(0) == '\t';
      if (folded && lines.size() > 1) {
        lines.set(lines.size() - 1, lines.get(lines.size() - 1) + ' ' + line.strip());
      } else {
        lines.add(line);
      }
      if (lines.size() > MAX_HEADERS) throw new NotSip("more than " + MAX_HEADERS + " headers");
    }
    if (lines.isEmpty()) throw new NotSip("no start line");
    return lines;
  }

  private static List<Header> headers(List<String> lines) throws NotSip {
    List<Header> headers = new ArrayList<>(lines.size());
    for (String line : lines.subList(1, lines.size())) {
      int colon = line.indexOf(':');
      if (colon <= 0) throw new NotSip("a header line without a name");
      String name = line.substring(0, colon).strip();
      String value = line.substring(colon + 1).strip();
      if (value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0 || value.indexOf('\0') >= 0) {
        throw new NotSip("a header with a sign that may not stand there");
      }
      headers.add(new Header(NAMES.getOrDefault(name.toLowerCase(Locale.ROOT), name), value));
    }
    return headers;
  }

  private static int contentLength(List<Header> headers, int otherwise) throws NotSip {
    for (Header header : headers) {
      if (!header.name().equals("Content-Length")) continue;
      String value = header.value();
      boolean number = !value.isEmpty() && value.length() <= 9;
      for (int i = 0; number && i < value.length(); i++) {
        number = value.charAt(i) >= '0' && value.charAt(i) <= '9';
      }
      if (!number) throw new NotSip("the Content-Length is no number");
      return Integer.parseInt(value);
    }
    return otherwise;
  }

  private static SipMessage started(String line, List<Header> headers, byte[] body) throws NotSip {
    if (line.startsWith("SIP/2.0 ")) {
      if (line.length() < 11) throw new NotSip("a status line without a status");
      int status = 0;
      for (int i = 8; i < 11; i++) {
        int digit = line.charAt(i) - '0';
        if (digit < 0 || digit > 9) throw new NotSip("a status that is no number");
        status = status * 10 + digit;
      }
      if (status < 100 || status > 699) throw new NotSip("a status out of range");
      return new SipMessage("", "", status, line.substring(11).strip(), headers, body);
    }
    String[] words = line.split(" ", -1);
    if (words.length != 3 || !words[2].equals("SIP/2.0")) throw new NotSip("no SIP start line");
    if (words[0].isEmpty() || words[0].length() > MAX_METHOD_CHARS || words[1].isEmpty()) {
      throw new NotSip("a request line without a method or a target");
    }
    return new SipMessage(words[0], words[1], 0, "", headers, body);
  }

  private static void check(SipMessage message, List<Header> headers) throws NotSip {
    for (String name : NEEDED) {
      if (message.first(name).isEmpty()) throw new NotSip("no " + name + " header");
    }
    for (String name : ONCE) {
      if (headers.stream().filter(header -> header.name().equals(name)).count() > 1) {
        throw new NotSip("more than one " + name + " header");
      }
    }
    if (message.sequence() < 0) throw new NotSip("a CSeq without a number");
    if (message.isRequest() && !message.sequenceMethod().equals(message.method())) {
      throw new NotSip("a CSeq of another method");
    }
  }
}
