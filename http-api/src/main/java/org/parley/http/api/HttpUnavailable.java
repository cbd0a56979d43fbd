package org.parley.http.api;

/** Says in one sentence why the HTTP interface cannot listen, and what to change. */
public final class HttpUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public HttpUnavailable(String message, Throwable cause) {
    super(message, cause);
  }
}
