package org.parley.http;

import java.util.List;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.parley.core.api.Refusal;

/**
 * Ends a request with a problem document. It carries no stack trace: it is an answer and not a
 * defect.
 */
final class Fault extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int status;
  private final String code;
  private final String detail;
  private final transient List<Refusal.Problem> places;
  private final transient List<HttpHeader> headers;

  Fault(
      int status,
      String code,
      String detail,
      List<Refusal.Problem> places,
      List<HttpHeader> headers) {
    super(detail, null, false, false);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.places = List.copyOf(places);
    this.headers = List.copyOf(headers);
  }

  static Fault of(int status, String code, String detail) {
    return new Fault(status, code, detail, List.of(), List.of());
  }

  /** Something in the request itself cannot be read. */
  static Fault badRequest(String code, String detail) {
    return of(400, code, detail);
  }

  /** A body that is not what the API describes, with its places. */
  static Fault badBody(String code, String detail, List<Refusal.Problem> places) {
    return new Fault(400, code, detail, places, List.of());
  }

  static Fault methodNotAllowed(String allowed) {
    return new Fault(
        405,
        "methodNotAllowed",
        "This path answers " + allowed + ".",
        List.of(),
        List.of(RawHeader.create("Allow", allowed)));
  }

  static Fault unauthorized(String detail) {
    return new Fault(
        401,
        "unauthorized",
        detail,
        List.of(),
        List.of(RawHeader.create("WWW-Authenticate", "Bearer realm=\"parley\"")));
  }

  static Fault unsupported(String accepted) {
    return of(415, "unsupportedMediaType", "The body must be " + accepted + ".");
  }

  static Fault tooLarge(String detail) {
    return of(413, "bodyTooLarge", detail);
  }

  /** Not now; the answer tells when to try again. */
  static Fault busy(String detail) {
    return of(503, "busy", detail);
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  String detail() {
    return detail;
  }

  List<Refusal.Problem> places() {
    return places;
  }

  List<HttpHeader> headers() {
    return headers;
  }
}
