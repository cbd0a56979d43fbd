package org.parley.agents.phone.sip;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A request or a response (RFC 3261, section 7). Immutable. What is written into one is checked: a
 * line break in a value is refused, so that no value can bring headers of its own.
 */
public final class SipMessage {
  private final String method;
  private final String uri;
  private final int status;
  private final String phrase;
  private final List<Header> headers;
  private final byte[] body;

  /** A header line; the name as RFC 3261 writes it, never the compact form. */
  record Header(String name, String value) {}

  SipMessage(
      String method, String uri, int status, String phrase, List<Header> headers, byte[] body) {
    this.method = method;
    this.uri = uri;
    this.status = status;
    this.phrase = phrase;
    this.headers = List.copyOf(headers);
    this.body = body;
  }

  /** A request to write. */
  public static Builder request(String method, String uri) {
    return new Builder(method, uri, 0, "");
  }

  /**
   * The response to a request: with its Via, From, To, Call-ID and CSeq (section 8.2.6.2).
   *
   * @param toTag added to To when the request has none there; empty: none
   */
  public static Builder response(SipMessage request, int status, String phrase, String toTag) {
    Builder out = new Builder("", "", status, phrase);
    for (Header header : request.headers) {
      switch (header.name()) {
        case "Via", "Record-Route", "From", "Call-ID", "CSeq" ->
            out.add(header.name(), header.value());
        case "To" -> {
          boolean tagged = toTag.isEmpty() || HeaderValue.param(header.value(), "tag").isPresent();
          out.add("To", tagged ? header.value() : header.value() + ";tag=" + toTag);
        }
        default -> {}
      }
    }
    return out;
  }

  public boolean isRequest() {
    return status == 0;
  }

  /** A request's method, in upper case; empty for a response. */
  public String method() {
    return method;
  }

  /** A request's target. */
  public String uri() {
    return uri;
  }

  /** A response's code, 100 to 699; 0 for a request. */
  public int status() {
    return status;
  }

  /** A response's words; they come from the peer and may hold anything but a line break. */
  public String phrase() {
    return phrase;
  }

  public byte[] body() {
    return body.clone();
  }

  /** The value of the first header of that name. */
  public Optional<String> first(String name) {
    for (Header header : headers) {
      if (header.name().equalsIgnoreCase(name)) return Optional.of(header.value());
    }
    return Optional.empty();
  }

  /** The values of a header that may hold a list, in order. */
  public List<String> all(String name) {
    List<String> all = new ArrayList<>(2);
    for (Header header : headers) {
      if (header.name().equalsIgnoreCase(name)) all.addAll(HeaderValue.split(header.value()));
    }
    return all;
  }

  /** The values of every header of that name, each as it stands. */
  public List<String> each(String name) {
    return headers.stream()
        .filter(header -> header.name().equalsIgnoreCase(name))
        .map(Header::value)
        .toList();
  }

  public String callId() {
    return first("Call-ID").orElse("");
  }

  public String fromTag() {
    return first("From").flatMap(v -> HeaderValue.param(v, "tag")).orElse("");
  }

  public String toTag() {
    return first("To").flatMap(v -> HeaderValue.param(v, "tag")).orElse("");
  }

  /** The number of CSeq; -1 when there is none. */
  public long sequence() {
    String value = first("CSeq").orElse("").strip();
    int space = value.indexOf(' ');
    if (space <= 0 || space > 10) return -1;
    try {
      return Long.parseLong(value.substring(0, space));
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** The method of CSeq, in upper case. */
  public String sequenceMethod() {
    String value = first("CSeq").orElse("").strip();
    return value.substring(value.lastIndexOf(' ') + 1).toUpperCase(Locale.ROOT);
  }

  /** The branch of the topmost Via; empty when there is none. */
  public String branch() {
    List<String> vias = all("Via");
    return vias.isEmpty() ? "" : HeaderValue.param(vias.get(0), "branch").orElse("");
  }

  /** As it stands on the wire. */
  public byte[] encode() {
    StringBuilder out = new StringBuilder(512);
    if (isRequest()) {
      out.append(method).append(' ').append(uri).append(" SIP/2.0\r\n");
    } else {
      out.append("SIP/2.0 ").append(status).append(' ').append(phrase).append("\r\n");
    }
    for (Header header : headers) {
      out.append(header.name()).append(": ").append(header.value()).append("\r\n");
    }
    out.append("Content-Length: ").append(body.length).append("\r\n\r\n");
    byte[] head = out.toString().getBytes(StandardCharsets.UTF_8);
    byte[] all = new byte[head.length + body.length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    return all;
  }

  /** Writes a message; headers stand in the order in which they were added. */
  public static final class Builder {
    private final String method;
    private final String uri;
    private final int status;
    private final String phrase;
    private final List<Header> headers = new ArrayList<>(14);
    private byte[] body = new byte[0];

    private Builder(String method, String uri, int status, String phrase) {
      this.method = method;
      this.uri = oneLine(uri);
      this.status = status;
      this.phrase = oneLine(phrase);
    }

    /**
     * Adds a header.
     *
     * @throws IllegalArgumentException when the value holds a line break
     */
    public Builder add(String name, String value) {
      headers.add(new Header(name, oneLine(value)));
      return this;
    }

    /** Adds a header of each value. */
    public Builder addAll(String name, List<String> values) {
      for (String value : values) add(name, value);
      return this;
    }

    Builder top(String name, String value) {
      headers.add(0, new Header(name, oneLine(value)));
      return this;
    }

    /** Sets the body. */
    public Builder body(String contentType, byte[] octets) {
      add("Content-Type", contentType);
      body = octets.clone();
      return this;
    }

    public SipMessage build() {
      return new SipMessage(method, uri, status, phrase, headers, body);
    }

    private static String oneLine(String value) {
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        if (c == '\r' || c == '\n' || c == 0) {
          throw new IllegalArgumentException("a line break in a SIP header");
        }
      }
      return value;
    }
  }
}
