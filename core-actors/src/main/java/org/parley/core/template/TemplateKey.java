package org.parley.core.template;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.Template;

/**
 * Finds a template in a cache without reading all of it. A message that came over the wire brings
 * its own copy of the template, whose strings have no hash yet; hashing an HTML body of 1 MiB for
 * each message would cost more than rendering it. So the hash is taken from the lengths and some
 * characters; equality looks at everything, which is a fast comparison of memory, and free for the
 * same strings.
 */
final class TemplateKey {
  private static final int SAMPLES = 12;

  private final Template template;
  private final int hash;

  TemplateKey(Template template) {
    this.template = template;
    this.hash =
        (sample(template.subject()) * 31 + sample(template.text())) * 31 + sample(template.html());
  }

  Template template() {
    return template;
  }

  private static int sample(Optional<String> part) {
    if (part.isEmpty()) return 0;
    String text = part.get();
    int hash = text.length();
    int step = text.length() / SAMPLES + 1;
    for (int i = text.length() - 1; i >= 0; i -= step) hash = hash * 31 + text.charAt(i);
    return hash;
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TemplateKey key && hash == key.hash && template.equals(key.template);
  }
}
