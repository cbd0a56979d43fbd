package org.parley.agents.email;

import io.netty.handler.codec.smtp.SmtpResponse;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A server's reply to one command (RFC 5321, section 4.2).
 *
 * @param code three digits
 * @param text what it said, its lines joined by a space
 */
record Reply(int code, String text) {
  private static final Pattern ENHANCED = Pattern.compile("^([245])\\.(\\d{1,3})\\.(\\d{1,3})\\b");
  private static final Pattern QUEUED =
      Pattern.compile("(?:queued as |\\bid=)([A-Za-z0-9][A-Za-z0-9._-]{3,63})");
  private static final Pattern ADDRESS = Pattern.compile("\\S*@\\S*");
  private static final int MIN_NAME_CHARS = 3;

  static Reply of(SmtpResponse response) {
    return new Reply(
        response.code(),
        response.details().size() == 1
            ? String.valueOf(response.details().get(0))
            : response.details().stream()
                .filter(Objects::nonNull)
                .map(CharSequence::toString)
                .collect(Collectors.joining(" ")));
  }

  boolean isPositive() {
    return code >= 200 && code < 300;
  }

  boolean isTransient() {
    return code >= 400 && code < 500;
  }

  boolean isPermanent() {
    return code >= 500 && code < 600;
  }

  /** The subject and detail of an enhanced status code (RFC 3463), such as {@code 1.1}. */
  Optional<String> enhanced() {
    Matcher matcher = ENHANCED.matcher(text);
    return matcher.find()
        ? Optional.of(matcher.group(2) + '.' + matcher.group(3))
        : Optional.empty();
  }

  /** The server's own id for the message it took, when it told one in a form that is known. */
  Optional<String> queueId() {
    if (text.indexOf("queued as ") < 0 && text.indexOf("id=") < 0) return Optional.empty();
    Matcher matcher = QUEUED.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** What the server said, without addresses and without the recipient's local part. */
  String withoutPersonalData(MailAddress recipient) {
    String clean = ADDRESS.matcher(text).replaceAll("…");
    if (recipient.local().length() >= MIN_NAME_CHARS) {
      clean =
          Pattern.compile(Pattern.quote(recipient.local()), Pattern.CASE_INSENSITIVE)
              .matcher(clean)
              .replaceAll("…");
    }
    StringBuilder out = new StringBuilder(clean.length() + 4).append(code).append(' ');
    for (int i = 0; i < clean.length(); i++) {
      char c = clean.charAt(i);
      out.append(Character.isISOControl(c) ? ' ' : c);
    }
    return out.toString();
  }
}
