package org.parley.core.api;

import java.util.regex.Pattern;

/**
 * Names one customer: the tenant's own id, within a tenant, within the cell that owns its journal.
 *
 * @param cell letters, digits and hyphens, at most 32 characters
 * @param tenant letters, digits and hyphens, at most 64 characters
 * @param customerId 1 to 128 characters, none of them a control character, white space, '|' or half
 *     a surrogate pair
 */
public record CustomerKey(String cell, String tenant, String customerId) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9-]{1,64}");
  private static final int MAX_ID_CHARS = 128;

  public CustomerKey {
    if (!NAME.matcher(cell).matches()) throw new IllegalArgumentException("cell: " + cell);
    if (!NAME.matcher(tenant).matches()) throw new IllegalArgumentException("tenant: " + tenant);
    if (!isValidId(customerId)) {
      throw new IllegalArgumentException(
          "customerId must be 1 to 128 characters without white space, control characters or '|'");
    }
  }

  /** The customer of the one cell and tenant that exist until others are configured. */
  public static CustomerKey of(String customerId) {
    return new CustomerKey("main", "default", customerId);
  }

  /** The reverse of {@link #entityId()}. */
  public static CustomerKey parse(String entityId) {
    int first = entityId.indexOf('.');
    int second = entityId.indexOf('.', first + 1);
    if (first < 0 || second < 0) throw new IllegalArgumentException("not a customer: " + entityId);
    return new CustomerKey(
        entityId.substring(0, first),
        entityId.substring(first + 1, second),
        entityId.substring(second + 1));
  }

  /** The sharding entity id, {@code <cell>.<tenant>.<customerId>}. */
  public String entityId() {
    return cell + '.' + tenant + '.' + customerId;
  }

  /** Whether a text may stand as a customer's id. */
  public static boolean isValidId(String id) {
    if (id.isEmpty() || id.length() > MAX_ID_CHARS) return false;
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (c == '|' || Character.isISOControl(c) || Character.isWhitespace(c)) return false;
      if (Character.isHighSurrogate(c)) {
        if (++i == id.length() || !Character.isLowSurrogate(id.charAt(i))) return false;
      } else if (Character.isLowSurrogate(c)) {
        return false;
      }
    }
    return true;
  }
}
