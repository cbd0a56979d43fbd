package org.parley.agents.email.inbound;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.parley.core.api.AttemptId;

/** Finds addresses and attempts in headers as they come, well formed or not. */
final class Names {
  private static final int MAX_CHARS = 65_536;
  private static final int MAX_ADDRESSES = 100;
  private static final Pattern ADDRESS =
      Pattern.compile("[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,256}@[A-Za-z0-9._-]{1,255}");

  /** A Message-ID of ours: the attempt's id before the at sign. */
  private static final Pattern ATTEMPT = Pattern.compile("<([a-z2-7]{26})@[^<>\\s]{1,255}>");

  private Names() {}

  /** All that look like addresses, at most a hundred. */
  static List<String> addresses(String text) {
    List<String> found = new ArrayList<>();
    Matcher matcher = ADDRESS.matcher(cut(text));
    while (found.size() < MAX_ADDRESSES && matcher.find()) found.add(matcher.group());
    return found;
  }

  /** The address of a header with one mailbox: the last one, for a name may look like one too. */
  static Optional<String> address(String text) {
    List<String> found = addresses(text);
    return found.isEmpty() ? Optional.empty() : Optional.of(found.get(found.size() - 1));
  }

  /** The last attempt that a text names: in References that is the newest. */
  static Optional<AttemptId> attempt(String text) {
    Optional<AttemptId> last = Optional.empty();
    Matcher matcher = ATTEMPT.matcher(cut(text));
    while (matcher.find()) last = Optional.of(new AttemptId(matcher.group(1)));
    return last;
  }

  private static String cut(String text) {
    return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS);
  }
}
