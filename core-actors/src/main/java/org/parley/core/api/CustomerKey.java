package org.parley.core.api;

/**
 * Names one customer: the tenant's own id, within a tenant, within the cell that owns its journal.
 *
 * @param cell letters, digits and hyphens, at most 64 characters
 * @param tenant letters, digits and hyphens, at most 64 characters
 * @param customerId 1 to 128 characters, none of them a control character, white space, '|' or half
 *     a surrogate pair
 */
public record CustomerKey(String cell, String tenant, String customerId) {
  private static final int MAX_NAME_CHARS = 64;
  private static final int MAX_ID_CHARS = 128;

  public CustomerKey {
    if (!isName(cell)) throw new IllegalArgumentException("cell: " + cell);
    if (!isName(tenant)) throw new IllegalArgumentException("tenant: " + tenant);
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
        Shared.text(entityId.substring(0, first)),
        Shared.text(entityId.substring(first + 1, second)),
        entityId.substring(second + 1));
  }

  /** The sharding entity id, {@code <cell>.<tenant>.<customerId>}. */
  public String entityId() {
    return cell + '.' + tenant + '.' + customerId;
  }

  private static boolean isName(String name) {
    if (name.isEmpty() || name.length() > MAX_NAME_CHARS) return false;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && (c < '0' || c > '9') && c != '-') return false;
    }
    return true;
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
