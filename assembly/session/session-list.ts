import { Session } from "./session";

/** Sessions in the order in which they were added, linked by `earlier` and `later`: a session is in one list at most. */
@final
export class SessionList {
  oldest: usize = 0;
  newest: usize = 0;

  add(s: Session): void {
    s.earlier = this.newest;
    s.later = 0;
    const address = changetype<usize>(s);
    if (this.newest != 0) changetype<Session>(this.newest).later = address;
    else this.oldest = address;
    this.newest = address;
  }

  remove(s: Session): void {
    if (s.earlier != 0) changetype<Session>(s.earlier).later = s.later;
    else this.oldest = s.later;
    if (s.later != 0) changetype<Session>(s.later).earlier = s.earlier;
    else this.newest = s.earlier;
  }
}
