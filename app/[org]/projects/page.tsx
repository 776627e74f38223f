import type { Metadata } from "next";
import { DimensionRoute, type RouteProps } from "../dimension-route.tsx";

export const metadata: Metadata = { title: "Projects" };

export default function Page(props: RouteProps) {
  return <DimensionRoute view="projects" {...props} />;
}
