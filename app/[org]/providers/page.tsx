import type { Metadata } from "next";
import { DimensionRoute, type RouteProps } from "../dimension-route.tsx";

export const metadata: Metadata = { title: "Providers" };

export default function Page(props: RouteProps) {
  return <DimensionRoute view="providers" {...props} />;
}
