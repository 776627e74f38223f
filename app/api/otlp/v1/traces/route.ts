import { mountedDoors } from "@/lib/server/mounted-doors.ts";

const handle = (request: Request) => mountedDoors().fetch(request);

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST, handle as PUT };
